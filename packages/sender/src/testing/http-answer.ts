/** An answer of a contract server. */
export interface HttpAnswer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

export const ok = (body: unknown): HttpAnswer => ({ status: 200, body });

export const problem = (status: number, code: string, message: string, index?: number): HttpAnswer => ({
  status,
  body: { type: 'about:blank', title: code, status, detail: message, code, message, docs_url: '', index },
});
