import type { HttpView } from '../system/index.ts';

/** Where monitoring is offered over HTTP. */
export interface MonitoringPlace {
  readonly host: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly basePath: string;
}

const NOWHERE: MonitoringPlace = { host: '', httpPort: 0, httpsPort: 0, basePath: '' };

/** What monitoring over HTTP knows of itself. */
export class MonitoringBook implements HttpView {
  readonly requests = new Map<string, number>();
  #place = NOWHERE;

  /** @param place undefined: it is offered no more. */
  offered(place: MonitoringPlace | undefined): void {
    this.#place = place ?? NOWHERE;
  }

  /** @param path of a page: there are a handful of them, whatever is asked for. */
  requested(path: string): void {
    this.requests.set(path, (this.requests.get(path) ?? 0) + 1);
  }

  get host(): string {
    return this.#place.host;
  }

  get httpPort(): number {
    return this.#place.httpPort;
  }

  get httpsPort(): number {
    return this.#place.httpsPort;
  }

  get basePath(): string {
    return this.#place.basePath;
  }
}
