import '../define.ts';
import { TidingsElement } from '../tidings-element.ts';
import { FakeClient } from './fake-client.ts';

declare global {
  interface Window {
    fake: FakeClient;
    makeFake: () => FakeClient;
    TidingsElement: typeof TidingsElement;
  }
}

window.fake = new FakeClient();
window.makeFake = () => new FakeClient();
window.TidingsElement = TidingsElement;
