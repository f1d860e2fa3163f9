import { createTidingsClient } from '../../create-client.ts';
import '../define.ts';
import { TidingsElement } from '../tidings-element.ts';
import { FakeClient } from './fake-client.ts';

declare global {
  interface Window {
    fake: FakeClient;
    makeFake: () => FakeClient;
    createTidingsClient: typeof createTidingsClient;
    TidingsElement: typeof TidingsElement;
  }
}

window.fake = new FakeClient();
window.makeFake = () => new FakeClient();
window.createTidingsClient = createTidingsClient;
window.TidingsElement = TidingsElement;
