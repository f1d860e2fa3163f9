import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
const parsed = new Map<string, ts.SourceFile | undefined>();
const modules = fileURLToPath(new URL('../../../../node_modules/', import.meta.url));

/** The compiler's errors for a file beside the types. */
function complaints(code: string, options: ts.CompilerOptions): string[] {
  const file = `${folder}use.tsx`;
  const all: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true, types: [] },
    ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, lib: ['lib.es2024.d.ts', 'lib.dom.d.ts'] },
    ...{ moduleResolution: ts.ModuleResolutionKind.Bundler, customConditions: ['tidings-source'] },
    ...options,
  };
  const host = ts.createCompilerHost(all);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (name) => (name === file ? code : readFile.call(host, name));
  host.fileExists = (name) => name === file || fileExists.call(host, name);
  host.getSourceFile = (name, ...more) => {
    if (name === file) return ts.createSourceFile(name, code, ts.ScriptTarget.ES2022);
    if (!parsed.has(name)) parsed.set(name, getSourceFile.call(host, name, ...more));
    return parsed.get(name);
  };
  const program = ts.createProgram([file], all, host);
  const found = program.getSemanticDiagnostics(program.getSourceFile(file));
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

const jsx = ts.JsxEmit.ReactJSX;
const react18 = {
  paths: {
    react: [`${modules}@types/react-18/index.d.ts`],
    'react/jsx-runtime': [`${modules}@types/react-18/jsx-runtime.d.ts`],
  },
};

test.each<[string, string, ts.CompilerOptions]>([
  ['React 19', 'react', { jsx, jsxImportSource: 'react' }],
  ['React 18', 'react', { jsx, jsxImportSource: 'react', ...react18 }],
  ['Preact', 'preact', { jsx, jsxImportSource: 'preact' }],
  ['Solid', 'solid', { jsx: ts.JsxEmit.Preserve, jsxImportSource: 'solid-js' }],
])('%s knows the elements and what they take', (_, module, options) => {
  const use = `
    import './${module}.ts';
    import type { TidingsClient } from '../client.ts';
    declare const client: TidingsClient;
    export const page = <div>
      <tidings-bell client={client} id="bell" />
      <tidings-health hours={1} />
      <tidings-inbox strings={{ close: 'Schließen' }} />
      <tidings-toasts max={3} duration="9000" />
      <tidings-file-dialog />
      <tidings-task task-id="t1" />
      <tidings-presence room="project:12" max={3} />
      <tidings-activity room="project:12" newest="last" describe={({ event }) => event} />
    </div>;
    export const wrong = <tidings-task task-id={5} />;`;
  expect(complaints(use, options)).toEqual([expect.stringContaining("'number'")]);
});

test('Vue knows the elements and what they take', () => {
  const use = `
    import './vue.ts';
    import type { GlobalComponents } from 'vue';
    type Props<N extends keyof GlobalComponents> = InstanceType<GlobalComponents[N]>['$props'];
    export const task: Props<'tidings-task'> = { 'task-id': 't1' };
    export const wrong: Props<'tidings-task'> = { 'task-id': 5 };
    export const names: (keyof GlobalComponents)[] = ['tidings-bell', 'tidings-inbox', 'tidings-toasts', 'tidings-file-dialog'];`;
  expect(complaints(use, {})).toEqual([expect.stringContaining("'number'")]);
});
