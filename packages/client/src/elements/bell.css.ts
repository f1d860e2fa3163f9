import { css } from 'lit';

export const bellStyles = css`
  :host {
    display: inline-block;
  }
  .bell {
    position: relative;
    padding: 8px;
    border-radius: calc(var(--radius) * 0.75);
    color: var(--tidings-bell, inherit);
  }
  .bell:is(:hover, [aria-expanded='true']) {
    background: color-mix(in oklab, currentColor 8%, transparent);
  }
  .badge {
    position: absolute;
    inset-block-start: 1px;
    inset-inline-start: 19px;
    min-inline-size: 17px;
    padding-inline: 4px;
    border-radius: 9px;
    background: var(--tidings-badge, #dc2f40);
    box-shadow: 0 0 0 2px var(--tidings-bell-surface, var(--surface));
    color: var(--tidings-on-badge, #fff);
    font-weight: 650;
    font-size: 11px;
    line-height: 17px;
  }
  .panel {
    position: fixed;
    inset: 56px 8px auto auto;
    background: var(--surface);
  }
  .slot {
    padding: 40px;
    text-align: center;
  }
`;
