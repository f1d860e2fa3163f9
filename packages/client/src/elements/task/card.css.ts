import { css } from 'lit';

export const cardStyles = css`
  .card {
    padding: 18px 20px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
  }
  .running {
    --tone: var(--accent);
  }
  .stopped {
    --tone: var(--muted);
  }
  header {
    align-items: start;
  }
  header > .icon {
    margin-block-start: 1px;
    color: var(--tone);
  }
  .steps {
    display: flex;
    margin-block-start: 18px;
  }
  li {
    position: relative;
    display: flex;
    flex: 1;
    flex-direction: column;
    gap: 7px;
    align-items: center;
    min-inline-size: 0;
    padding-inline: 4px;
    color: var(--muted);
    font-size: 12px;
    line-height: 16px;
    text-align: center;
  }
  li + li::before {
    content: '';
    position: absolute;
    inset-block-start: 9px;
    inset-inline: calc(-50% + 14px) calc(50% + 14px);
    block-size: 2px;
    background: var(--line);
  }
  .dot {
    display: grid;
    flex: none;
    place-items: center;
    inline-size: 20px;
    block-size: 20px;
    border: 2px solid var(--line);
    border-radius: 50%;
    color: var(--surface);
  }
  .dot .icon {
    inline-size: 13px;
    stroke-width: 3.5;
  }
  li:not(.ahead)::before {
    background: var(--tone);
  }
  li:not(.ahead) .dot {
    border-color: var(--tone);
  }
  li:is(.done, .failed) .dot {
    background: var(--tone);
  }
  .error li {
    --tone: var(--muted);
  }
  li:is(.now, .stopped) .dot::before {
    content: '';
    border: 4px solid var(--tone);
    border-radius: 50%;
  }
  li.now .dot {
    box-shadow: 0 0 0 4px color-mix(in oklab, var(--tone) 16%, transparent);
  }
  li.now .dot::before {
    animation: blink 1.8s infinite;
  }
  li:is(.now, .failed) {
    color: var(--text);
    font-weight: 600;
  }
  .error li.failed {
    --tone: var(--error);
    color: var(--tone);
  }
  .bar {
    margin-block-start: 16px;
  }
  .message {
    margin-block-start: 10px;
  }
  .message.tint {
    padding: 9px 12px;
    border-radius: calc(var(--radius) * 0.67);
    color: var(--text);
  }
  @container (max-width: 460px) {
    .steps {
      flex-direction: column;
      gap: 14px;
    }
    li {
      flex-direction: row;
      gap: 11px;
      padding: 0;
      font-size: 13px;
      line-height: 20px;
      text-align: start;
    }
    li + li::before {
      inset-block: -12px auto;
      inset-inline: 9px auto;
      inline-size: 2px;
      block-size: 10px;
    }
  }
`;
