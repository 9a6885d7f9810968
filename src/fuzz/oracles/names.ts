import { type Delivery, type Outcome, WAY } from '../../model/index.ts';

type Bindings = ReadonlyMap<string, string>;

/**
 * What the server calls the ways back, which nobody can guess, and what the model calls them. A name becomes known when
 * somebody is seen to get it; from then on it stands for this way alone.
 */
export class Names {
  #byModel: Bindings = new Map();
  readonly #byServer = new Map<string, string>();

  /** A text of the server with the ways back in it, in the model's words. */
  ofModel(text: string): string {
    return this.#byServer.get(text) ?? text;
  }

  /** A text of the model in the server's words, as far as they are known. */
  ofServer(text: string): string {
    const way = WAY.exec(text)?.[0];
    return way === undefined ? text : text.replace(way, this.#byModel.get(way) ?? way);
  }

  /**
   * Explains what was received by what the model expects: each certain copy and one of each group, and nothing else.
   * @returns the expected copies that were delivered; undefined when it cannot be explained.
   */
  explain({ all, oneOf }: Outcome, got: readonly Delivery[]): readonly Delivery[] | undefined {
    const wanted = [...all.map((one) => [one]), ...oneOf];
    if (wanted.length !== got.length) return undefined;
    const found = pair(wanted, got, this.#byModel);
    if (found === undefined) return undefined;
    this.#byModel = found.bindings;
    for (const [model, server] of found.bindings) this.#byServer.set(server, model);
    return found.delivered;
  }
}

interface Paired {
  readonly delivered: readonly Delivery[];
  readonly bindings: Bindings;
}

/** Finds a received copy for the first wish, and so on; goes back where the rest does not work out. */
function pair(
  wanted: readonly (readonly Delivery[])[],
  got: readonly Delivery[],
  bindings: Bindings,
): Paired | undefined {
  const [first, ...others] = wanted;
  if (first === undefined) return { delivered: [], bindings };
  for (const candidate of first) {
    for (const [i, copy] of got.entries()) {
      const bound = agree(candidate, copy, bindings);
      if (bound === undefined) continue;
      const rest = pair(others, got.toSpliced(i, 1), bound);
      if (rest !== undefined) return { ...rest, delivered: [candidate, ...rest.delivered] };
    }
  }
  return undefined;
}

function agree(wanted: Delivery, got: Delivery, bindings: Bindings): Bindings | undefined {
  if (wanted.connection !== got.connection || wanted.sid !== got.sid) return undefined;
  const named = bind(wanted.subject, got.subject, bindings);
  return named && bind(wanted.reply, got.reply, named);
}

/** Whether a text of the server is what the model means, given what is known; with what is known then. */
function bind(model: string, server: string, bindings: Bindings): Bindings | undefined {
  const found = WAY.exec(model);
  if (found === null) return model === server ? bindings : undefined;
  const [way] = found;
  const before = model.slice(0, found.index);
  const after = model.slice(found.index + way.length);
  if (!server.startsWith(`${before}_R_.`) || !server.endsWith(after)) return undefined;
  const name = server.slice(before.length, server.length - after.length);
  const known = bindings.get(way);
  if (known !== undefined) return known === name ? bindings : undefined;
  if ([...bindings.values()].includes(name)) return undefined;
  return new Map([...bindings, [way, name]]);
}
