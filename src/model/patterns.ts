/** Whether a pattern matches a published subject. A subject with an empty token is matched by nothing. */
export function matchesSubject(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.');
  const given = subject.split('.');
  if (given.includes('')) return false;
  for (const [i, token] of wanted.entries()) {
    if (token === '>' && i === wanted.length - 1) return given.length > i;
    if (i >= given.length) return false;
    if (token !== '*' && token !== given[i]) return false;
  }
  return wanted.length === given.length;
}

/** Whether everything that `inner` matches is matched by `outer` too. */
export function covers(outer: string, inner: string): boolean {
  const wide = outer.split('.');
  const narrow = inner.split('.');
  for (const [i, token] of wide.entries()) {
    if (token === '>') return narrow.length > i;
    if (i >= narrow.length || narrow[i] === '>') return false;
    if (token !== '*' && token !== narrow[i]) return false;
  }
  return wide.length === narrow.length;
}

/** Whether some subject is matched by both. */
export function meets(a: string, b: string): boolean {
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < left.length && i < right.length; i++) {
    if (left[i] === '>' || right[i] === '>') return true;
    if (left[i] !== '*' && right[i] !== '*' && left[i] !== right[i]) return false;
  }
  return left.length === right.length;
}

/** Whether a text may be subscribed to: no empty token, `>` only at the end. */
export function isPattern(text: string): boolean {
  const tokens = text.split('.');
  return tokens.every((token, i) => token !== '' && (token !== '>' || i === tokens.length - 1));
}
