export {
  checkValue,
  JsonEnd,
  JsonError,
  numberEnd,
  quoteChar,
  quoteGo,
  skipSpace,
  stringEnd,
} from '../base/index.ts';
