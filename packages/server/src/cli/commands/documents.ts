import { TidingsError } from '@tidings/protocol';
import type { DocumentPage, DocumentVersion, DocumentVersionPage } from '@tidings/sender';
import type { Command } from 'commander';
import { localTime, relativeTime } from '../instant.ts';
import { limitOf } from '../page-size.ts';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { columns, oneLine } from '../text.ts';

interface PageFlags extends SenderFlags {
  limit: string;
  before?: string;
}

interface ListFlags extends SenderFlags {
  limit: string;
  after?: string;
}

interface DeleteFlags extends SenderFlags {
  all?: true;
}

const examples = `
Examples:
  tidings documents list
  tidings documents versions collaboration:notes-12
  tidings documents name collaboration:notes-12 "As sent to the customer"
  tidings documents name collaboration:notes-12 "As signed" v01jd3…
  tidings documents restore collaboration:notes-12 v01jd3…
  tidings documents delete collaboration:notes-12 v01jd3…`;

const roomArgument = ['<room>', "the document, by its room's name, as collaboration:notes-12"] as const;
const versionArgument = 'as "tidings documents versions" names it';

/** `tidings documents`: versions of shared documents, and the end of one. */
export function documents(program: Command): void {
  const command = program
    .command('documents')
    .description('list and make versions of shared documents, bring one back, or delete it')
    .addHelpText('after', examples);
  addList(command);
  addVersions(command);
  addName(command);
  addRestore(command);
  addDelete(command);
}

function addList(documents: Command): void {
  const command = documents
    .command('list')
    .description("list the documents that somebody has changed, by their rooms' names")
    .option('--limit <count>', 'how many, 1 to 100', '20')
    .option('--after <room>', 'the next page, as the one before names it');
  addSenderFlags(command).action(async (flags: ListFlags) => {
    const limit = limitOf(flags.limit);
    const page = await withSender(flags, (sender) => sender.documents.list({ after: flags.after, limit }));
    console.log(flags.json ? JSON.stringify({ ok: true, ...page }) : listed(page, limit));
  });
}

function listed({ items, next_after }: DocumentPage, limit: number): string {
  if (items.length === 0) return 'There are no documents.';
  const rows = items.map(({ room, versions }) => [
    oneLine(room),
    versions === 1 ? 'one version' : `${versions} versions`,
  ]);
  const command = `tidings documents list --limit ${limit}`;
  const more = next_after === null ? [] : ['', `There is more: ${command} --after ${JSON.stringify(next_after)}`];
  return [...columns(rows), ...more].join('\n');
}

function addVersions(documents: Command): void {
  const command = documents
    .command('versions')
    .description('list the versions of a document, newest first')
    .argument(...roomArgument)
    .option('--limit <count>', 'how many, 1 to 100', '20')
    .option('--before <version>', 'the next page, as the one before names it');
  addSenderFlags(command).action(async (room: string, flags: PageFlags) => {
    const limit = limitOf(flags.limit);
    const page = await withSender(flags, (sender) => sender.documents.versions(room, { before: flags.before, limit }));
    console.log(flags.json ? JSON.stringify({ ok: true, ...page }) : described(room, page, limit));
  });
}

function addName(documents: Command): void {
  const command = documents
    .command('name')
    .description('make a version of a document as it is, or give another name to one that there is')
    .argument(...roomArgument)
    .argument('<name>', 'what people call it')
    .argument('[version]', `the version to give the name to, ${versionArgument}; without it, one is made`);
  addSenderFlags(command).action(async (room: string, name: string, id: string | undefined, flags: SenderFlags) => {
    const version = await withSender(flags, (sender) =>
      id === undefined ? sender.documents.saveVersion(room, name) : sender.documents.renameVersion(room, id, name),
    );
    const done = id === undefined ? 'Saved' : 'Named';
    print(flags, { ...version }, `${done} ${version.id}: ${oneLine(version.name)}`);
  });
}

function addRestore(documents: Command): void {
  const command = documents
    .command('restore')
    .description('bring a version back, in all open editors; what was before is saved as a version')
    .argument(...roomArgument)
    .argument('<version>', `which, ${versionArgument}`);
  addSenderFlags(command).action(async (room: string, id: string, flags: SenderFlags) => {
    const result = await withSender(flags, (sender) => sender.documents.restoreVersion(room, id));
    const { saved } = result;
    const text = saved
      ? `Restored ${id}. What was before is version ${saved.id}: ${oneLine(saved.name)}`
      : `${oneLine(room)} has the content of ${id} already.`;
    print(flags, { ...result }, text);
  });
}

function addDelete(documents: Command): void {
  const command = documents
    .command('delete')
    .description('delete a version of a document, or the document with its versions, for good')
    .argument(...roomArgument)
    .argument('[version]', `which, ${versionArgument}`)
    .option('--all', 'the document and all its versions: its editors are closed, and nothing of it comes back');
  addSenderFlags(command).action(async (room: string, version: string | undefined, flags: DeleteFlags) => {
    if ((version === undefined) === (flags.all === undefined)) {
      const message = 'say in one way what to delete: a version, or --all for the document with its versions';
      throw new TidingsError('bad_request', message);
    }
    if (version === undefined) await deleteAll(room, flags);
    else await deleteVersion(room, version, flags);
  });
}

async function deleteVersion(room: string, id: string, flags: SenderFlags): Promise<void> {
  const result = await withSender(flags, (sender) => sender.documents.removeVersion(room, id));
  if (!result.removed) throw new TidingsError('not_found', `${oneLine(room)} has no version ${JSON.stringify(id)}`);
  print(flags, { ...result }, `Deleted version ${id}`);
}

async function deleteAll(room: string, flags: SenderFlags): Promise<void> {
  const result = await withSender(flags, (sender) => sender.documents.delete(room));
  if (!result.deleted) throw new TidingsError('not_found', `${oneLine(room)} has no document`);
  print(flags, { ...result }, `Deleted the document of ${oneLine(room)}, with its versions`);
}

const print = (flags: SenderFlags, result: object, text: string): void =>
  console.log(flags.json ? JSON.stringify({ ok: true, ...result }) : text);

function described(room: string, { items, next_before }: DocumentVersionPage, limit: number): string {
  if (items.length === 0) return `${oneLine(room)} has no versions.`;
  const now = Date.now();
  const command = `tidings documents versions ${oneLine(room)} --limit ${limit}`;
  const more = next_before === null ? [] : ['', `There is more: ${command} --before ${next_before}`];
  return [...columns(items.map((item) => rowOf(item, now))), ...more].join('\n');
}

function rowOf({ id, name, timestamp, from, bytes }: DocumentVersion, now: number): string[] {
  const by = from === null ? 'a back end' : from.username;
  return [id, localTime(timestamp), relativeTime(timestamp, now), `${bytes} bytes`, oneLine(by), oneLine(name)];
}
