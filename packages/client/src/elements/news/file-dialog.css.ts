import { css } from 'lit';

export const dialogStyles = css`
  dialog {
    margin: auto;
    inline-size: 400px;
    max-inline-size: calc(100vw - 32px);
    padding: 24px;
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) * 1.34);
    background: var(--surface);
    box-shadow: var(--shadow);
  }
  dialog[open] {
    animation: enter 0.25s var(--ease);
  }
  dialog::backdrop {
    background: light-dark(#14161f52, #000000a3);
  }
  .message {
    margin-block-start: 4px;
  }
  .file {
    display: flex;
    gap: 12px;
    align-items: center;
    margin-block: 18px 22px;
    padding: 12px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: color-mix(in oklab, var(--text) 2.5%, var(--surface));
  }
  .sheet {
    padding: 10px;
    border-radius: calc(var(--radius) * 0.75);
    background: color-mix(in oklab, var(--accent) 11%, var(--surface));
    color: var(--accent);
  }
  .refused {
    margin-block: -10px 22px;
  }
  .refused bdi {
    display: block;
    margin-block-end: 6px;
    color: var(--text);
    font: 12px/1.5 ui-monospace, monospace;
  }
  footer {
    display: flex;
    gap: 8px;
    justify-content: flex-end;
  }
  @media (max-width: 480px) {
    footer > .button {
      flex: 1;
      padding-block: 10px;
    }
  }
`;
