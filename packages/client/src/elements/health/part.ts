import { healthStyles } from './health.css.ts';

export { systemHealth } from '../../health.ts';
export { HealthBoard as Part } from './health-board.ts';
export const styles = [healthStyles];
