import { expect, test } from 'vitest';
import { CallbackOrigins } from './callback-origins.ts';

const serving = new CallbackOrigins(['https://app.example.com', 'http://10.0.0.5:8080/'], {
  ...{ isDevelopment: false, canSign: true },
});
const developing = new CallbackOrigins([], { isDevelopment: true, canSign: true });

test('takes what an operator has named, whatever the path', () => {
  for (const url of ['https://app.example.com/a?b=c', 'https://APP.example.com:443/', 'http://10.0.0.5:8080/x']) {
    expect(serving.refusal(url)).toBeNull();
  }
});

test.each([
  [
    'https://app.example.com.evil.example/',
    /^callback_url leads to https:\/\/app\.example\.com\.evil\.example, which is not among the server's callbacks\.origins \(--callback-origins\)$/,
  ],
  ['http://app.example.com/', /callbacks\.origins/],
  ['https://app.example.com:8443/', /callbacks\.origins/],
  ['http://169.254.169.254/latest/meta-data', /callbacks\.origins/],
  ['http://127.0.0.1:8000/', /callbacks\.origins/],
  ['https://user:secret@app.example.com/', /no user and password/],
  ['https://app.example.com@evil.example/', /no user and password/],
  ['https://evil.example\\@app.example.com/', /callbacks\.origins/],
  ['file:///etc/passwd', /must begin with https/],
  ['https://', /must be a URL/],
])('refuses %s, and says what to do', (url, sentence) => {
  expect(() => serving.check(url)).toThrow(sentence);
});

test('takes this machine in development, and nothing that only looks like it', () => {
  for (const host of ['localhost:3000', '127.0.0.1:3000', '127.9.9.9', '[::1]:3000', '2130706433']) {
    expect(developing.refusal(`http://${host}/`), host).toBeNull();
  }
  for (const host of ['127.0.0.1.evil.example', 'localhost.evil.example', '10.0.0.1', '[::2]']) {
    expect(developing.refusal(`http://${host}/`), host).toContain('callbacks.origins');
  }
});

test('takes nothing where nothing can be signed', () => {
  const unsigned = new CallbackOrigins(['https://app.example.com'], { isDevelopment: true, canSign: false });
  expect(() => unsigned.check('https://app.example.com/')).toThrow('set callbacks.secret (--callback-secret)');
});
