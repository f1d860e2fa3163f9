import { eventStreamTransport } from './event-stream.ts';
import { transportContract } from './transport.contract.ts';

transportContract('Server-Sent Events', () => eventStreamTransport());
