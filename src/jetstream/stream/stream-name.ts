import { limits } from '../../base/index.ts';
import { toBytes } from '../../subjects/index.ts';
import { type JsError, jsError } from '../errors.ts';

/** What is wrong with a stream configuration, in words. */
export function invalidConfig(err: string): JsError {
  return jsError('JSStreamInvalidConfigF', { err });
}

/** @throws JsError when a stream can not have this name (codes and texts of 2.14.5, measured). */
export function checkName(name: string): void {
  if (/[/\\]/.test(name)) throw jsError('JSStreamNameContainsPathSeparatorsErr');
  if (name === '' || /[.*> \t\r\n\f]/.test(name)) {
    throw invalidConfig("stream name is required and can not contain '.', '*', '>', '\\', '/'");
  }
  if (toBytes(name).length > limits.MAX_NAME_LENGTH) {
    throw invalidConfig(`stream name is too long, maximum allowed is ${limits.MAX_NAME_LENGTH}`);
  }
}
