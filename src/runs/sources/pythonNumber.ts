/** A scalar of NumPy, PyTorch or JAX as its repr shows it, with what comes behind the number: "np.float32(0.5)", "tensor(0.5, device='cuda:0')". */
const scalar =
  /^(?:(?:np|numpy|jnp|torch|ml_dtypes)\.)?(?:float\d*|int\d+|uint\d+|longdouble|bfloat16|half|tensor|Tensor|array|Array|Decimal)\(/;
const number = /^[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|nan|inf|infinity)$/i;

/**
 * The number that a Python program printed: "0.5", "1e-05", "nan", "-inf", "np.float64(0.5)", "tensor(0.5, dtype=torch.float64)", also in
 * quotes. Undefined for anything else: `None` and booleans are no numbers, nor are "13%" and "5/3766".
 */
export function pythonNumber(text: string): number | undefined {
  const trimmed = text.trim();
  return parse(trimmed) ?? parse(unwrapped(trimmed));
}

function parse(text: string): number | undefined {
  if (!number.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isNaN(value)) return value;
  const word = text.toLowerCase();
  return word.includes('nan') ? Number.NaN : word.startsWith('-') ? -Infinity : Infinity;
}

/** What is in the quotes or the parentheses; the text as it is where there are none. */
function unwrapped(text: string): string {
  const [first = ''] = text;
  if ((first === "'" || first === '"') && text.length > 2 && text.endsWith(first)) return text.slice(1, -1).trim();
  const [opening] = scalar.exec(text) ?? [];
  if (opening === undefined || !text.endsWith(')')) return text;
  const inside = text.slice(opening.length, -1);
  const comma = inside.indexOf(',');
  return unwrapped(comma < 0 ? inside : inside.slice(0, comma)).trim();
}
