import { css } from 'lit';

/** The undo bar and the snooze menu, which lie over the list. */
export const overlayStyles = css`
  .offer {
    position: absolute;
    z-index: 3;
    inset-inline: 12px;
    inset-block-end: calc(12px + var(--tidings-undo-bottom, 0px));
  }
  .undo {
    display: flex;
    gap: 12px;
    align-items: center;
    justify-content: space-between;
    padding-block: 7px;
    padding-inline: 16px 8px;
    border: 1px solid transparent;
    border-radius: calc(var(--radius) * 0.75);
    background: light-dark(#202228, #f1f2f4);
    box-shadow: var(--shadow);
    color: light-dark(#fff, #17181c);
    font-size: 13px;
    animation: rise 0.25s var(--ease);
  }
  .undo .quiet {
    flex: none;
    color: light-dark(#a9a6ff, #4038c9);
  }
  .undo .quiet:hover {
    background: light-dark(#ffffff1a, #0000000d);
  }
  .in-page .offer {
    position: sticky;
    inset-block-end: calc(16px + var(--tidings-undo-bottom, env(safe-area-inset-bottom, 0px)));
    inline-size: fit-content;
    min-inline-size: min(320px, 100%);
    max-inline-size: 100%;
    margin: 0 auto;
  }
  .in-page .undo {
    margin-block-end: 16px;
  }
  .menu {
    position: fixed;
    inset: auto;
    min-inline-size: min(240px, 100vw - 16px);
    max-inline-size: calc(100vw - 16px);
    max-block-size: calc(100dvh - 16px);
    padding: 5px;
    overflow-y: auto;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
    box-shadow: var(--shadow);
  }
  .menu button {
    display: flex;
    gap: 24px;
    align-items: baseline;
    justify-content: space-between;
    inline-size: 100%;
    padding: 7px 10px;
    border-radius: calc(var(--radius) * 0.5);
  }
  .menu button:focus-visible {
    outline-offset: -2px;
    background: var(--hover);
  }
  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(8px);
    }
  }
`;
