import { css } from 'lit';

/** The bar of what runs, and what is busy, wherever they are shown. */
export const progressStyles = css`
  [aria-disabled='true'] {
    color: var(--muted);
    cursor: default;
  }
  @keyframes blink {
    50% {
      opacity: 0.4;
    }
  }
  .bar {
    border-radius: 3px;
    overflow: hidden;
    background: color-mix(in oklab, var(--text) 8%, transparent);
  }
  .bar > div {
    block-size: 6px;
    border-radius: 3px;
    background: var(--tone);
    transition: inline-size 0.5s var(--ease);
  }
  .unknown > div {
    inline-size: 35%;
    animation: pass 1.6s ease-in-out infinite;
  }
  .figures {
    margin-block-start: 7px;
  }
  .figures span {
    unicode-bidi: isolate;
  }
  @keyframes pass {
    from {
      transform: translateX(-110%);
    }
    to {
      transform: translateX(300%);
    }
  }
  @media (forced-colors: active) {
    [aria-disabled='true'] {
      border-color: GrayText;
      color: GrayText;
    }
    .bar {
      border: 1px solid CanvasText;
    }
    .bar > div {
      background: Highlight;
      forced-color-adjust: none;
    }
  }
`;
