import { css } from 'lit';

/**
 * Colours, shape and type that every element shares. Each `--tidings-…` property can be set by the application, on the
 * element or on any ancestor. Light and dark follow the `color-scheme` in force where the element stands.
 */
export const tokens = css`
  :host {
    --accent: var(--tidings-accent, light-dark(#4f46e5, #8f8bff));
    --on-accent: var(--tidings-on-accent, light-dark(#fff, #14132b));
    --surface: var(--tidings-surface, light-dark(#fff, #1b1c20));
    --text: var(--tidings-text, light-dark(#17181c, #f1f2f4));
    --muted: var(--tidings-muted, light-dark(#5f6470, #a0a5b1));
    --line: var(--tidings-line, light-dark(#e6e7eb, #303238));
    --success: var(--tidings-success, light-dark(#0b8043, #45c880));
    --error: var(--tidings-error, light-dark(#d1283a, #ff6b78));
    --warning: var(--tidings-warning, light-dark(#b85a00, #f5a142));
    --info: var(--tidings-info, light-dark(#1f6fde, #64a8ff));
    --radius: var(--tidings-radius, 12px);
    --shadow: var(--tidings-shadow, 0 4px 12px light-dark(#1018280f, #0006), 0 16px 40px -8px light-dark(#10182824, #0009));
    --hover: color-mix(in oklab, var(--text) 5%, transparent);
    --ease: cubic-bezier(0.2, 0.9, 0.25, 1);
    color: var(--text);
    font: 400 14px/1.45 var(--tidings-font, system-ui, sans-serif);
    text-align: start;
  }
  :host([hidden]) {
    display: none;
  }
  * {
    box-sizing: border-box;
    margin: 0;
    padding: 0;
    border: 0;
  }
  h2,
  .title {
    font-weight: 600;
  }
  h2 {
    font-size: 15px;
  }
  header,
  .row {
    display: flex;
    gap: 12px;
    align-items: baseline;
    justify-content: space-between;
  }
  .body {
    flex: 1;
    min-inline-size: 0;
  }
  dialog,
  [popover] {
    color: inherit;
  }
  ol,
  ul {
    list-style: none;
  }
  bdi {
    overflow-wrap: anywhere;
  }
  .icon {
    display: block;
    flex: none;
    inline-size: 20px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .shape {
    fill: currentColor;
    stroke: none;
  }
  .sign {
    stroke: var(--tint, var(--surface));
    stroke-width: 2.25;
  }
  .success {
    --tone: var(--success);
  }
  .error {
    --tone: var(--error);
  }
  .warning {
    --tone: var(--warning);
  }
  .info {
    --tone: var(--info);
  }
  .tint {
    --vivid: oklch(from var(--tone) 0.72 0.19 h);
    --tint: color-mix(in oklab, var(--vivid) 14%, var(--surface));
    background: var(--tint);
  }
  button,
  a {
    background: none;
    color: inherit;
    font: inherit;
    text-decoration: none;
    cursor: pointer;
    transition: background-color 0.15s;
  }
  :where(button, .item):hover {
    background: var(--hover);
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  [tabindex='-1'] {
    outline: none;
  }
  .button {
    display: inline-flex;
    flex: none;
    gap: 6px;
    align-items: center;
    justify-content: center;
    max-inline-size: 100%;
    padding: 7px 14px;
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) * 0.67);
    font-weight: 550;
    font-size: 13px;
  }
  .button .icon {
    inline-size: 16px;
    stroke-width: 2;
  }
  .primary {
    border-color: transparent;
    background: var(--accent);
    color: var(--on-accent);
  }
  .primary:hover {
    filter: brightness(1.08);
  }
  .quiet {
    padding: 4px 8px;
    border-radius: 6px;
    color: var(--accent);
    font-weight: 550;
    font-size: 13px;
  }
  .subtle {
    color: var(--muted);
    font-size: 13px;
    font-variant-numeric: tabular-nums;
  }
  .spoken {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
  @keyframes enter {
    from {
      opacity: 0;
      transform: translateY(-8px) scale(0.98);
    }
  }
  @media print {
    dialog,
    [popover] {
      display: none !important;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    ::before {
      animation: none !important;
      transition: none !important;
    }
  }
`;
