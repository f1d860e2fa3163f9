import { transportContract } from './transport.contract.ts';
import { webSocketTransport } from './websocket.ts';

transportContract('WebSocket', webSocketTransport);
