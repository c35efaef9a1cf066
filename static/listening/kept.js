// What was answered so far, kept in this tab until the server has it. A browser without storage keeps nothing.

const PREFIX = "trial ";

// The answer kept for this pair; those of older pairs go.
export function kept(pair) {
  try {
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(PREFIX) && name !== PREFIX + pair) sessionStorage.removeItem(name);
    }
    return JSON.parse(sessionStorage.getItem(PREFIX + pair)) ?? {};
  } catch {
    return {};
  }
}

export function keep(pair, answer) {
  try { sessionStorage.setItem(PREFIX + pair, JSON.stringify(answer)); } catch { /* kept in the page alone */ }
}

export function forget(pair) {
  try { sessionStorage.removeItem(PREFIX + pair); } catch { /* was not kept */ }
}
