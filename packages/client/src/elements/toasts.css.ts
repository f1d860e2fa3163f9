import { css } from 'lit';

export const toastStyles = css`
  .region {
    position: fixed;
    inset: auto;
    inset-block-start: var(--tidings-toasts-top, 16px);
    inset-inline-end: var(--tidings-toasts-end, 16px);
    inline-size: 384px;
    max-inline-size: calc(100vw - 2 * var(--tidings-toasts-end, 16px));
    overflow: visible;
    background: none;
    pointer-events: none;
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
    animation: enter 0.25s var(--ease);
  }
  .toast > .icon {
    color: var(--tone);
  }
  .message {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 4;
    overflow: hidden;
  }
  .title ~ .message {
    color: var(--muted);
    font-size: 13px;
  }
  .link {
    display: inline-block;
    margin-block-start: 6px;
    color: var(--tone);
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
    align-items: center;
    justify-content: space-between;
    padding-block: 6px;
    background: var(--surface);
  }
`;
