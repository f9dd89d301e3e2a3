/** A text in the pieces that its marks tell apart, and whose each of them is: 1 the policy's, 0 the environment's. Null: not told. */
export interface Turns {
  readonly texts: readonly string[];
  readonly mask: readonly (0 | 1)[] | null;
}

/** How chat templates begin and end a message. Special tokens: a policy that writes one by itself has ended its turn. */
const templates: readonly { readonly header: RegExp; readonly end: RegExp }[] = [
  // ChatML: Qwen, Yi and many more.
  { header: /<\|im_start\|>([\w-]+)\n/g, end: /<\|im_end\|>/g },
  // Llama 3.
  { header: /<\|start_header_id\|>([\w-]+)<\|end_header_id\|>\n\n/g, end: /<\|(?:eot|eom)_id\|>/g },
];

const call = { open: '<tool_call>', close: '</tool_call>' } as const;
const result = { open: '<tool_response>', close: '</tool_response>' } as const;

/** What is left of a message's header where special tokens were left out of the text. */
const bareHeaders = { result: ['\nuser\n', '\ntool\n'], assistant: '\nassistant\n' } as const;

/** A response, as far as its text says for certain who wrote what of it; else in one piece. Tool calls are pieces of their own. */
export function responseTurns(text: string): Turns {
  const whole: Turns = { texts: [text], mask: null };
  const pieces = templatePieces(text) ?? taggedPieces(text);
  if (pieces === undefined) return whole;
  const split: readonly Piece[] = pieces.flatMap((piece): Piece[] => (piece.isAction ? callsApart(piece) : [piece]));
  return { texts: split.map((piece) => piece.text), mask: split.map((piece) => (piece.isAction ? 1 : 0)) };
}

function callsApart({ text, isAction }: Piece): Piece[] {
  return cutAt(text, spansOf(text, call)).map((part) => ({ text: part.text, isAction }));
}

/** A prompt, a piece for each message where its text says where they begin. */
export function promptTurns(text: string): readonly string[] {
  for (const { header } of templates) {
    const starts = [...text.matchAll(header)].map(({ index }) => index);
    if (starts.length === 0) continue;
    const cuts = [...new Set([0, ...starts, text.length])];
    return cuts.slice(1).map((to, i) => text.slice(cuts[i], to));
  }
  return [text];
}

interface Piece {
  readonly text: string;
  readonly isAction: boolean;
}

/** By the special tokens of a chat template: the policy's turns end with one, and begin behind the header of an assistant's message. */
function templatePieces(text: string): readonly Piece[] | undefined {
  for (const { header, end } of templates) {
    const headers = [...text.matchAll(header)];
    if (headers.length === 0) continue;
    const pieces: Piece[] = [];
    let from = 0;
    let isAction = true;
    for (const { 0: mark, 1: role, index } of headers) {
      const isAssistant = role === 'assistant';
      if (isAction) {
        // What stands between the end of a turn and the next header is the template's.
        const ended = lastEnd(text.slice(from, index), end);
        if (ended === undefined) return undefined;
        pieces.push({ text: text.slice(from, from + ended), isAction: true });
        from += ended;
      }
      isAction = isAssistant;
      if (isAssistant) {
        pieces.push({ text: text.slice(from, index + mark.length), isAction: false });
        from = index + mark.length;
      }
    }
    pieces.push({ text: text.slice(from), isAction });
    return pieces.filter((piece) => piece.text !== '');
  }
  return undefined;
}

function lastEnd(text: string, end: RegExp): number | undefined {
  const last = [...text.matchAll(end)].at(-1);
  return last && last.index + last[0].length;
}

/** By the tags of tool calls and results: certain where each is closed, and each result stands where one belongs. */
function taggedPieces(text: string): readonly Piece[] | undefined {
  const calls = spansOf(text, call);
  const results = spansOf(text, result);
  if (!isEachIn(text, call, calls) || !isEachIn(text, result, results)) return undefined;
  // A call that nothing answers: only where calls come last is it certain that nothing of the text is an answer.
  if (results.length === 0) return calls.length > 0 && isBlank(textBehind(text, calls)) ? [{ text, isAction: true }] : undefined;
  const answers: Span[] = [];
  for (const { from, to } of results) {
    const last = answers.at(-1);
    const before = text.slice(last?.to ?? 0, from);
    if (last && isBlank(before)) {
      last.to = to;
      continue;
    }
    const header = bareHeaders.result.find((bare) => before.endsWith(bare));
    const spoken = before.trimEnd();
    if (header === undefined && !spoken.endsWith(call.close)) return undefined;
    answers.push({ from: header === undefined ? from - before.length + spoken.length : from - header.length, to });
  }
  for (const answer of answers) if (text.startsWith(bareHeaders.assistant, answer.to)) answer.to += bareHeaders.assistant.length;
  return cutAt(text, answers).map(({ text: piece, isSpan }) => ({ text: piece, isAction: !isSpan }));
}

interface Span {
  readonly from: number;
  to: number;
}

interface Tags {
  readonly open: string;
  readonly close: string;
}

/** From each opening tag to behind the next closing one. */
function spansOf(text: string, { open, close }: Tags): readonly Span[] {
  const spans: Span[] = [];
  for (let from = text.indexOf(open); from >= 0; from = text.indexOf(open, spans.at(-1)!.to)) {
    const end = text.indexOf(close, from);
    if (end < 0) break;
    spans.push({ from, to: end + close.length });
  }
  return spans;
}

/** Whether there is no other tag in the text than those of the spans. */
function isEachIn(text: string, { open, close }: Tags, spans: readonly Span[]): boolean {
  return [open, close].every((tag) => text.split(tag).length - 1 === spans.length);
}

/** What is not in the spans from the first of them on. */
function textBehind(text: string, spans: readonly Span[]): string {
  return cutAt(text.slice(spans[0]!.from), spansOf(text.slice(spans[0]!.from), call))
    .filter(({ isSpan }) => !isSpan)
    .map((part) => part.text)
    .join('');
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

/** The spans of a text and what lies between them, in order, none of it empty. */
function cutAt(text: string, spans: readonly Span[]): readonly { readonly text: string; readonly isSpan: boolean }[] {
  const parts: { text: string; isSpan: boolean }[] = [];
  let at = 0;
  for (const { from, to } of spans) {
    parts.push({ text: text.slice(at, from), isSpan: false }, { text: text.slice(from, to), isSpan: true });
    at = to;
  }
  parts.push({ text: text.slice(at), isSpan: false });
  return parts.filter((part) => part.text !== '');
}
