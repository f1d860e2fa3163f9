import { randomUUID } from 'node:crypto';
import { type Tidings, TidingsError } from '@tidings/server';
import { notifyOfTransfer, startBudgetTransfer, transferTask } from '../job/budget-transfer.ts';
import type { TransferData } from '../job/transfer-data.ts';
import { type TransferFiles, transferIdOf } from '../job/transfer-files.ts';
import { readExample } from './examples.ts';
import { type Call, Refusal, type Route, readBody, sendJson } from './http.ts';
import { mayApprove, personOf } from './people.ts';
import { previewOf } from './preview.ts';

const largestUpload = 2 * 1_048_576;

interface Upload {
  readonly fileName: string;
  readonly csv: Uint8Array;
}

/**
 * `POST /transfers?name=FILE` with the CSV as body, or `?example=FILE` without one: 202 and the task's id. What comes again under
 * the same `key` (1 to 64 characters; default: one of its own) is the transfer that was begun.
 * `POST /transfers/check` takes the same and answers a preview. `GET /transfers/ID/report` is the result, for its owner, until
 * it expires. `GET /transfers/ID/review` is what an approver decides on.
 */
export function transferRoutes(tidings: Tidings, files: TransferFiles): Route[] {
  /** Transfers that are being stored at this moment, by id. */
  const beginning = new Map<string, Promise<void>>();

  async function submit({ response, person, url }: Call, upload: Upload): Promise<void> {
    const id = transferIdOf(person.id, keyOf(url));
    const begun = beginning.get(id) ?? begin(id, person.id, upload).finally(() => beginning.delete(id));
    beginning.set(id, begun);
    await begun;
    sendJson(response, 202, { task_id: id });
  }

  async function begin(id: string, owner: string, { fileName, csv }: Upload): Promise<void> {
    const begun = await transfer(id);
    // A key can be found, by trying very many, that gives the number of another's transfer.
    if (begun && begun.owner !== owner) throw new Refusal(409, 'Send it once more, as a new transfer.');
    if (!begun) {
      await files.saveUpload(id, csv);
      await startBudgetTransfer(tidings, { id, owner, fileName });
    }
    await notifyOfTransfer(tidings, { id, owner, fileName });
  }

  async function transfer(transferId: string) {
    const task = await tidings.tasks.get(transferId).catch((error: unknown) => {
      if (error instanceof TidingsError && error.code === 'not_found') return null;
      throw error;
    });
    return task?.name === transferTask ? { ...task, data: task.data as unknown as TransferData } : null;
  }

  return [
    { method: 'POST', path: /^\/transfers$/, answer: async (call) => submit(call, await uploadOf(call)) },
    {
      method: 'POST',
      path: /^\/transfers\/check$/,
      async answer(call) {
        sendJson(call.response, 200, previewOf((await uploadOf(call)).csv));
      },
    },
    {
      method: 'GET',
      path: /^\/transfers\/(T-\w{8})\/review$/,
      async answer({ response, person, params: [id = ''] }) {
        const found = mayApprove(person) ? await transfer(id) : null;
        // Others' transfers are not told from those that do not exist.
        if (!found?.data.needs_approval) throw new Refusal(404, `There is no transfer ${id} for you to approve.`);
        const preview = previewOf(await files.readUpload(id));
        const requester = personOf(found.owner ?? '')?.name ?? found.owner;
        sendJson(response, 200, { file_name: found.data.title, requester, preview });
      },
    },
    {
      method: 'GET',
      path: /^\/transfers\/(T-\w{8})\/report$/,
      async answer({ response, person, params: [id = ''] }) {
        const found = await transfer(id);
        if (found?.owner !== person.id) throw new Refusal(404, `You have no transfer ${id}.`);
        const { file_name = `${id}.txt`, expires_at } = (found.result ?? {}) as Record<string, string>;
        if (expires_at !== undefined && Date.parse(expires_at) <= Date.now()) {
          await files.dropReport(id);
          throw new Refusal(410, `The report of ${id} has expired.`);
        }
        const report = await files.readReport(id);
        if (!report) throw new Refusal(404, `${id} has no report: it was not posted.`);
        response
          .writeHead(200, {
            'content-type': 'text/plain; charset=utf-8',
            'content-disposition': `attachment; filename="${file_name}"`,
            'cache-control': 'private, no-store',
          })
          .end(report);
      },
    },
  ];
}

function keyOf(url: URL): string {
  const key = url.searchParams.get('key') ?? randomUUID();
  if (/^[\w-]{1,64}$/.test(key)) return key;
  throw new Refusal(400, 'Expected key as 1 to 64 letters, digits, _ or -.');
}

async function uploadOf({ request, url }: Call): Promise<Upload> {
  const example = url.searchParams.get('example');
  if (example !== null) return { fileName: example, csv: await readExample(example) };
  const fileName = (url.searchParams.get('name') ?? '').trim().slice(0, 120) || 'transfers.csv';
  return { fileName, csv: await readBody(request, largestUpload) };
}
