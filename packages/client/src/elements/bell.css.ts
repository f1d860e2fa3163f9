import { css } from 'lit';

export const bellStyles = css`
  :host {
    display: inline-block;
  }
  .bell {
    position: relative;
    padding: 8px;
    border-radius: calc(var(--radius) * 0.75);
  }
  .bell[aria-expanded='true'] {
    background: var(--hover);
  }
  .badge {
    position: absolute;
    inset-block-start: 1px;
    inset-inline-start: 19px;
    min-inline-size: 17px;
    padding-inline: 4px;
    border-radius: 9px;
    background: var(--tidings-badge, #dc2f40);
    box-shadow: 0 0 0 2px var(--surface);
    color: #fff;
    font-weight: 650;
    font-size: 11px;
    line-height: 17px;
  }
  .panel {
    position: fixed;
    inset: 56px 8px auto auto;
    inline-size: 424px;
    max-inline-size: calc(100vw - 16px);
    min-block-size: min(460px, 100dvh - 72px);
    max-block-size: min(680px, 100dvh - 72px);
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) * 1.17);
    overflow: hidden;
    background: var(--surface);
    box-shadow: var(--shadow);
  }
  @supports (position-area: block-end) {
    .panel {
      position-area: block-end span-inline-start;
      position-try-fallbacks: flip-inline, flip-block;
      inset: auto;
      min-block-size: min(460px, 100% - 16px);
      max-block-size: min(680px, 100% - 16px);
      margin-block: 8px;
      margin-inline-start: 8px;
    }
  }
  .panel:popover-open {
    display: flex;
    animation: enter 0.25s var(--ease);
  }
  .slot {
    flex: 1;
    padding: 40px;
    text-align: center;
  }
`;
