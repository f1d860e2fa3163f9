import { css } from 'lit';

export const toastStyles = css`
  :host {
    --top: var(--tidings-toasts-top, 16px);
    --end: var(--tidings-toasts-end, 16px);
    position: fixed;
    letter-spacing: normal;
    text-transform: none;
    white-space: normal;
    visibility: visible;
  }
  .region {
    position: fixed;
    inset: auto;
    inset-block-start: var(--top);
    inset-inline-end: calc(var(--end) - 16px);
    inline-size: 416px;
    max-inline-size: calc(100% - 2 * var(--end) + 32px);
    max-block-size: calc(100dvh - var(--top));
    padding: 0 16px 44px;
    overflow: hidden auto;
    overscroll-behavior: contain;
    background: none;
    pointer-events: none;
    scrollbar-width: thin;
  }
  li > * {
    display: grid;
    grid-template-rows: 1fr;
    transition: 0.2s var(--ease);
  }
  .leaving {
    grid-template-rows: 0fr;
    opacity: 0;
    translate: 0 -6px;
  }
  .fold {
    min-block-size: 0;
  }
  .leaving .fold {
    overflow: clip;
  }
  .toast,
  .more {
    display: flex;
    gap: 11px;
    align-items: start;
    margin-block-end: 10px;
    padding-block: 13px;
    padding-inline: 14px 10px;
    border: 1px solid color-mix(in oklab, var(--vivid, var(--line)) 36%, var(--line));
    border-radius: var(--radius);
    box-shadow: var(--shadow);
    pointer-events: auto;
    touch-action: pan-y;
    transition: translate 0.2s var(--ease);
    animation: enter 0.25s var(--ease);
  }
  .toast > .icon {
    color: var(--tone);
  }
  .title,
  .message {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 4;
    overflow: hidden;
    overflow-wrap: anywhere;
  }
  .title {
    -webkit-line-clamp: 2;
  }
  .toast:is(:hover, :focus-within) p {
    -webkit-line-clamp: none;
  }
  .title ~ .message {
    color: var(--muted);
    font-size: 13px;
  }
  .link {
    display: inline-block;
    margin-block-start: 6px;
    color: color-mix(in oklab, var(--tone) 80%, var(--text));
    font-weight: 600;
    font-size: 13px;
  }
  .link:hover {
    text-decoration: underline;
  }
  .close {
    margin-block-start: -2px;
    padding: 4px;
    border-radius: 8px;
    color: var(--muted);
  }
  .close:hover {
    color: var(--text);
  }
  .close .icon {
    inline-size: 16px;
  }
  .more {
    flex-wrap: wrap;
    justify-content: space-between;
    padding: 6px;
    background: var(--surface);
  }
`;
