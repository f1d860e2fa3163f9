import { isJsonObject, type JsonObject, parseJson, textAt } from './json.ts';

const longest = 300;

/**
 * The reason in an error body of the service, as one line, or an empty string. Framework version 4 answers
 * `{title, status, "o:errorDetails": [{detail, "o:errorCode"}]}`; older ones a top-level `detail` or plain text.
 */
export function readErrorBody(body: string): string {
  const json = parseJson(body);
  const reason = isJsonObject(json) ? reasonOf(json) : withoutMarkup(body);
  const line = reason.replaceAll(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

function reasonOf(json: JsonObject): string {
  const list = json['o:errorDetails'];
  const details = (Array.isArray(list) ? list : [])
    .filter(isJsonObject)
    .map(detailOf)
    .filter((detail) => detail !== '');
  if (details.length > 0) return details.join('; ');
  return detailOf(json) || (textAt(json, 'title') ?? '');
}

function detailOf(entry: JsonObject): string {
  const detail = textAt(entry, 'detail');
  if (detail === undefined) return '';
  const code = textAt(entry, 'o:errorCode');
  return code === undefined ? detail : `${detail} (${code})`;
}

// A proxy in front of the service answers with a page; its words say enough.
function withoutMarkup(body: string): string {
  return body.replaceAll(/<(style|script)[\s\S]*?<\/\1>/gi, ' ').replaceAll(/<[^>]*>/g, ' ');
}
