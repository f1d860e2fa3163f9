import { expect, test } from 'vitest';
import { readErrorBody } from './error-body.ts';

test('reads the details of framework version 4 with their codes', () => {
  const body = {
    title: 'Bad Request',
    status: '400',
    'o:errorDetails': [
      { detail: 'Invalid attribute requestId.', 'o:errorCode': '27521', 'o:errorPath': '' },
      { detail: 'A second one.', 'o:errorCode': '' },
    ],
  };
  expect(readErrorBody(JSON.stringify(body))).toBe('Invalid attribute requestId. (27521); A second one.');
});

test('reads a top-level detail, a bare title and plain text of older versions', () => {
  expect(readErrorBody('{"title":"Bad Request","detail":"No such job","o:errorCode":"10"}')).toBe('No such job (10)');
  expect(readErrorBody('{"title":"Forbidden","status":"403"}')).toBe('Forbidden');
  expect(readErrorBody('JBO-27024: Failed to validate\n a row')).toBe('JBO-27024: Failed to validate a row');
});

test('keeps the words of a page, on one short line', () => {
  const page = '<html><head><style>p { color: red }</style></head><body><h1>502 Bad Gateway</h1></body></html>';
  expect(readErrorBody(page)).toBe('502 Bad Gateway');
  expect(readErrorBody('x'.repeat(5_000))).toHaveLength(301);
  expect(readErrorBody('')).toBe('');
});
