import { JsonError } from '../base/index.ts';
import { type ConsumerConfigInput, ConsumerConfigRequest, jsError } from '../jetstream/index.ts';
import type { ByteString } from '../subjects/index.ts';
import { decodePlain } from './decode.ts';
import { shapeLater } from './go-shape.ts';

const shape = shapeLater(ConsumerConfigRequest, 'ConsumerConfig');

/**
 * A consumer's configuration out of a backup: it may say what a request may say, and nothing else.
 * @throws JsError
 */
export function decodeConsumerConfig(json: ByteString): ConsumerConfigInput {
  try {
    return decodePlain(json, shape());
  } catch (error) {
    if (error instanceof JsonError) throw jsError('JSInvalidJSONErr', { err: error.message });
    throw error;
  }
}
