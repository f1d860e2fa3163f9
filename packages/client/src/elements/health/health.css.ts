import { css } from 'lit';

export const healthStyles = css`
  .board {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 16px;
  }
  .card,
  .overall,
  .absent {
    padding: 16px 18px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
  }
  .overall,
  .absent {
    display: flex;
    gap: 14px;
    align-items: center;
  }
  .overall.tint {
    border-color: color-mix(in oklab, var(--tone) 30%, var(--surface));
    background: var(--tint);
  }
  .overall .icon {
    inline-size: 30px;
  }
  .overall .title {
    font-size: 17px;
    line-height: 1.3;
  }
  .overall .subtle {
    color: color-mix(in oklab, var(--text) 72%, var(--surface));
  }
  .absent p {
    flex: 1;
  }
  .note {
    padding: 16px 0;
  }
  .tone {
    color: var(--tone);
  }
  .muted {
    color: var(--muted);
  }
  .stale .card {
    filter: saturate(0.35);
  }
  .lost {
    border-style: dashed;
  }
  .spans {
    display: flex;
    gap: 2px;
    inline-size: fit-content;
    margin-block-end: 8px;
    margin-inline-start: auto;
    padding: 2px;
    border-radius: 9px;
    background: color-mix(in oklab, var(--text) 6%, var(--surface));
  }
  .spans button {
    padding: 4px 11px;
    border-radius: 7px;
    color: var(--muted);
    font-weight: 550;
    font-size: 12.5px;
  }
  .spans button[aria-pressed='true'] {
    background: var(--surface);
    color: var(--text);
    box-shadow: 0 1px 2px light-dark(#1018281f, #0006);
  }
  .components > li {
    padding-block: 11px;
  }
  .components > li + li,
  .incidents > li + li {
    border-block-start: 1px solid var(--line);
  }
  .head,
  .nodes li {
    display: flex;
    gap: 9px;
    align-items: center;
  }
  .head .icon,
  .nodes .icon {
    inline-size: 18px;
  }
  .name {
    flex: 1;
    /* Beside a long state a name is not broken within a word. */
    min-inline-size: min-content;
    font-weight: 550;
  }
  .name,
  .name bdi {
    overflow-wrap: break-word;
  }
  .name .subtle {
    font-weight: 400;
  }
  code {
    font-size: 12px;
    font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
    overflow-wrap: anywhere;
  }
  .latency {
    white-space: nowrap;
  }
  .state {
    min-inline-size: 76px;
    color: var(--tone);
    font-weight: 600;
    font-size: 13px;
    text-align: end;
  }
  .reason,
  .when {
    margin-block-start: 4px;
    padding-inline-start: 27px;
  }
  .reason {
    overflow-wrap: anywhere;
    font-size: 13px;
  }
  .line {
    display: block;
    inline-size: 100%;
    block-size: 22px;
    margin-block-start: 9px;
    border-radius: 5px;
    overflow: hidden;
  }
  :host(:dir(rtl)) .line {
    transform: scaleX(-1);
  }
  .unknown {
    fill: color-mix(in oklab, var(--text) 7%, var(--surface));
  }
  .fine {
    fill: color-mix(in oklab, var(--success) 32%, var(--surface));
  }
  .incident.degraded {
    --tone: var(--warning);
  }
  .incident.down {
    --tone: var(--error);
  }
  .incident rect:not(.hatched) {
    fill: var(--tone);
    /* A short one is seen all the same. */
    stroke: var(--tone);
    stroke-width: 3px;
  }
  .stripe {
    fill: color-mix(in oklab, var(--surface) 55%, transparent);
  }
  .axis {
    display: flex;
    justify-content: space-between;
    font-size: 12px;
  }
  h2 {
    margin-block-end: 8px;
  }
  .nodes li {
    padding-block: 6px;
  }
  .incidents > li {
    padding-block: 12px;
  }
  .incidents > li:first-child {
    padding-block-start: 4px;
  }
  .incidents > li:last-child {
    padding-block-end: 2px;
  }
  .badge {
    padding: 2px 9px;
    border-radius: 20px;
    background: color-mix(in oklab, var(--text) 7%, var(--surface));
    color: var(--muted);
    font-weight: 600;
    font-size: 12px;
    white-space: nowrap;
  }
  .badge.open {
    display: flex;
    gap: 6px;
    align-items: center;
    background: var(--tint);
    color: var(--text);
  }
  .badge.open::before {
    content: '';
    inline-size: 8px;
    block-size: 8px;
    border-radius: 50%;
    background: var(--tone);
    animation: pulse 1.6s ease-in-out infinite;
  }
  @keyframes pulse {
    50% {
      opacity: 0.35;
    }
  }
  .card > .quiet {
    margin-block-start: 8px;
  }
  @media (max-width: 480px) {
    .card,
    .overall,
    .absent {
      padding: 13px 14px;
    }
    .state {
      min-inline-size: 0;
    }
  }
  @media (forced-colors: active) {
    .line {
      border: 1px solid CanvasText;
      forced-color-adjust: none;
    }
    .spans button[aria-pressed='true'] {
      outline: 2px solid Highlight;
    }
  }
`;
