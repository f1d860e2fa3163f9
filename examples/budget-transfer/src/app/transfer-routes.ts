import { type Tidings, TidingsError } from '@tidings/server';
import { startBudgetTransfer, transferTask } from '../job/budget-transfer.ts';
import { newTransferId, type TransferFiles } from '../job/transfer-files.ts';
import { readExample } from './examples.ts';
import { type Call, Refusal, type Route, readBody, sendJson } from './http.ts';
import { previewOf } from './preview.ts';

const largestUpload = 2 * 1_048_576;

interface Upload {
  readonly fileName: string;
  readonly csv: Uint8Array;
}

/**
 * `POST /transfers?name=FILE` with the CSV as body, or `?example=FILE` without one: 202 and the task's id.
 * `POST /transfers/check` takes the same and answers a preview. `POST /transfers/ID/again` sends a failed one's file once more.
 * `GET /transfers/ID/report` is the result, for its owner.
 */
export function transferRoutes(tidings: Tidings, files: TransferFiles): Route[] {
  async function submit({ response, person }: Call, upload: Upload): Promise<void> {
    const id = newTransferId();
    await files.saveUpload(id, upload.csv);
    await startBudgetTransfer(tidings, { id, owner: person.id, fileName: upload.fileName });
    sendJson(response, 202, { task_id: id });
  }

  /** A transfer of this person's; others' are not told from those that do not exist. */
  async function ownTransfer({ person, params: [transferId = ''] }: Call) {
    const task = await tidings.tasks.get(transferId).catch((error: unknown) => {
      if (error instanceof TidingsError && error.code === 'not_found') return null;
      throw error;
    });
    if (task?.name === transferTask && task.owner === person.id) return task;
    throw new Refusal(404, `You have no transfer ${transferId}.`);
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
      method: 'POST',
      path: /^\/transfers\/(T-\w{8})\/again$/,
      async answer(call) {
        const { task_id, data } = await ownTransfer(call);
        if (data.may_repeat !== true) throw new Refusal(409, 'Sending this file again could book it twice.');
        await submit(call, { fileName: String(data.title), csv: await files.readUpload(task_id) });
      },
    },
    {
      method: 'GET',
      path: /^\/transfers\/(T-\w{8})\/report$/,
      async answer(call) {
        const { task_id, result } = await ownTransfer(call);
        const report = await files.readReport(task_id);
        if (!report) throw new Refusal(404, `${task_id} has no report: it was not posted.`);
        const { file_name = `${task_id}.txt` } = result as { file_name?: string };
        call.response
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

async function uploadOf({ request, url }: Call): Promise<Upload> {
  const example = url.searchParams.get('example');
  if (example !== null) return { fileName: example, csv: await readExample(example) };
  const fileName = (url.searchParams.get('name') ?? '').trim().slice(0, 120) || 'transfers.csv';
  return { fileName, csv: await readBody(request, largestUpload) };
}
