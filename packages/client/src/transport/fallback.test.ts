import { fallbackTransport } from './fallback.ts';
import { transportContract } from './transport.contract.ts';

transportContract('a fallback', () => fallbackTransport());
