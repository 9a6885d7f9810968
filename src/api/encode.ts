export { encodeJson, encodeString } from '../base/index.ts';
