import type { Rolldown } from 'tsdown';

interface Text {
  tag: 'css' | 'html';
  start: number;
  end: number;
}

/** Takes the white space out of `css` and `html` templates that only keeps their sources readable; minifiers have to leave it. */
export function tightTemplates(): Rolldown.Plugin {
  return {
    name: 'tight-templates',
    transform: {
      filter: { id: /\/elements\/.+\.ts$/ },
      handler(code) {
        let tight = code;
        for (const { tag, start, end } of textsOf(this.parse(code, { lang: 'ts' })).toReversed()) {
          const text = code.slice(start, end);
          tight = tight.slice(0, start) + (tag === 'css' ? tightCss(text) : tightHtml(text)) + tight.slice(end);
        }
        return tight;
      },
    },
  };
}

/** The literal parts of a syntax tree's tagged templates, in the order of the source. */
function textsOf(tree: unknown): Text[] {
  const texts: Text[] = [];
  JSON.stringify(tree, (_, node) => {
    if (node?.type === 'TaggedTemplateExpression' && ['css', 'html'].includes(node.tag.name)) {
      for (const { start, end } of node.quasi.quasis) texts.push({ tag: node.tag.name, start, end });
    }
    return node;
  });
  return texts.sort((a, b) => a.start - b.start);
}

/** One space between elements stays: where text flows it is seen. */
const tightHtml = (html: string) => html.replace(/\s+/g, ' ');

const tightCss = (css: string) =>
  css
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,>~]) ?/g, '$1')
    .replace(/: /g, ':')
    .replace(/;}/g, '}')
    .replace(/(?<=[ :(,])0\./g, '.');
