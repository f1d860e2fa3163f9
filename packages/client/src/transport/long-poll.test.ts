import { longPollTransport } from './long-poll.ts';
import { transportContract } from './transport.contract.ts';

transportContract('long polling', () => longPollTransport());
