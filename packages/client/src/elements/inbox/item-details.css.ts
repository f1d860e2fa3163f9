import { css } from 'lit';

/** Styles of a notification's progress and buttons, in a list and in a toast. */
export const detailsStyles = css`
  .live {
    margin-block-start: 8px;
  }
  div.live {
    --tone: var(--accent);
  }
  .live .bar {
    margin-block-start: 6px;
  }
  .live .bar > div {
    block-size: 4px;
  }
  .live .figures {
    margin-block-start: 4px;
    font-size: 12px;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .buttons .button {
    position: relative;
    z-index: 1;
    max-inline-size: 100%;
    padding: 5px 12px;
    background-color: var(--surface);
  }
  .buttons .button:not(.primary):hover {
    background-color: color-mix(in oklab, var(--text) 5%, var(--surface));
  }
  .buttons .primary {
    background-color: var(--accent);
  }
  .buttons .danger {
    color: var(--error);
  }
  .buttons .busy {
    animation: blink 1.4s infinite;
  }
  .answer,
  .note {
    display: flex;
    gap: 5px;
    align-items: center;
    color: var(--tone);
    font-weight: 550;
  }
  .answer .icon,
  .note .icon {
    inline-size: 16px;
  }
  .comment {
    margin-inline-start: 21px;
  }
`;
