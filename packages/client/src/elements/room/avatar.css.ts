import { css } from 'lit';

export const avatarStyles = css`
  .avatar {
    --hue: 265;
    display: grid;
    flex: none;
    place-items: center;
    inline-size: 28px;
    block-size: 28px;
    border-radius: 50%;
    background: light-dark(oklch(0.93 0.045 var(--hue)), oklch(0.38 0.07 var(--hue)));
    color: light-dark(oklch(0.38 0.12 var(--hue)), oklch(0.93 0.05 var(--hue)));
    font-weight: 600;
    font-size: 11px;
    line-height: 1;
    letter-spacing: 0.02em;
    user-select: none;
  }
  .tone-1 {
    --hue: 205;
  }
  .tone-2 {
    --hue: 155;
  }
  .tone-3 {
    --hue: 95;
  }
  .tone-4 {
    --hue: 45;
  }
  .tone-5 {
    --hue: 340;
  }
  @media (forced-colors: active) {
    .avatar {
      border: 1px solid;
    }
  }
`;
