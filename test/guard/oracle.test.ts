import { describe, expect, test } from 'vitest';
import { Guard } from '../../src/guard/index.ts';
import { GUARD_PROPERTIES } from './definition.ts';

describe('the guard does as defined', () => {
  for (const [property, controls] of GUARD_PROPERTIES) {
    test(property.name, () => property(new Guard({ system: undefined })));
    for (const id of controls) {
      test(`${property.name} finds that ${id} is off`, () => {
        expect(() => property(new Guard({ system: undefined, controlsOff: [id] }))).toThrow();
      });
    }
  }
});
