import { css } from 'lit';

export const presenceStyles = css`
  .here,
  .people {
    display: flex;
    align-items: center;
  }
  .here {
    gap: 10px;
    min-block-size: 32px;
  }
  .people li {
    display: block;
    position: relative;
    border-radius: 50%;
    box-shadow: 0 0 0 2px var(--surface);
    animation: appear 0.3s var(--ease);
  }
  .people li + li {
    margin-inline-start: -3px;
  }
  .others {
    background: var(--line);
    color: var(--text);
  }
  @keyframes appear {
    from {
      opacity: 0;
      transform: scale(0.6);
    }
  }
`;
