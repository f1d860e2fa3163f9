import { css } from 'lit';

export const activityStyles = css`
  .events {
    display: flex;
    flex-direction: column;
    gap: 16px;
  }
  .event {
    display: flex;
    gap: 12px;
    align-items: start;
  }
  .event .body {
    padding-block-start: 3px;
  }
  .person {
    font-weight: 600;
  }
  .mark {
    display: grid;
    flex: none;
    place-items: center;
    inline-size: 28px;
    block-size: 28px;
  }
  .mark::before {
    content: '';
    inline-size: 9px;
    block-size: 9px;
    border-radius: 50%;
    background: var(--accent);
  }
  time {
    white-space: nowrap;
  }
  .quote {
    inline-size: fit-content;
    max-inline-size: 100%;
    margin-block-start: 6px;
    padding: 8px 12px;
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) * 0.67);
    background: var(--surface);
    white-space: pre-line;
  }
  .more {
    display: flex;
    justify-content: center;
    margin-block: 16px;
  }
  .more:first-child {
    margin-block-start: 0;
  }
`;
