/* What every RosterStore says of events that lie above the good one. */
import { describe, expect, it } from '@jest/globals';
import type { RosterStore } from '../src/following/ports.js';
import type { FreshPlace } from './fresh-place.js';

export function describeShadows(store: () => Required<RosterStore>, fresh: () => FreshPlace): void {
  describe('a shadow', () => {
    /** A row of generation 5 from offset 10. */
    async function withRow() {
      const place = fresh();
      await place.write(10, [place.created('a', 5)]);
      return place;
    }

    it('is an event of a lower generation behind the row', async () => {
      const { shadowed, district } = await withRow();
      expect(await shadowed('a', 11, 4)).toEqual([district]);
    });

    it('is not one of the same generation', async () => {
      expect(await (await withRow()).shadowed('a', 11, 5)).toEqual([]);
    });

    it('is not one of a higher generation', async () => {
      expect(await (await withRow()).shadowed('a', 11, 6)).toEqual([]);
    });

    it.each([4, 5, 6])('is a fenced one behind the row, of generation %i too', async (generation) => {
      const { shadowed, district } = await withRow();
      expect(await shadowed('a', 11, generation, true)).toEqual([district]);
    });

    it.each([9, 10])('is not one at offset %i, which is not behind the row', async (offset) => {
      const { shadowed } = await withRow();
      expect(await shadowed('a', offset, 4)).toEqual([]);
      expect(await shadowed('a', offset, 4, true)).toEqual([]);
    });

    it('is not one of another id, district or type', async () => {
      const { shadowed, district, partition } = await withRow();
      expect(await shadowed('A', 11, 4)).toEqual([]);
      expect(await shadowed('a', 11, 4, true, 'another')).toEqual([]);
      const event = { districtId: district, gg4lId: 'a', offset: 11n, generation: 4, fenced: true };
      expect(await store().shadowed('courses', [event], partition)).toEqual([]);
    });

    it('is measured by the offset of the generation that the row has', async () => {
      const { shadowed, write, created, district } = await withRow();
      await write(20, [created('a', 5)]);
      expect(await shadowed('a', 15, 4)).toEqual([district]);
      await write(30, [created('a', 6)]);
      expect(await shadowed('a', 15, 4)).toEqual([]);
    });

    it('names each district once', async () => {
      const { write, created, district, type, partition } = await withRow();
      await write(11, [created('b', 5), { ...created('a', 5), district: 'zz-other' }]);
      const event = { generation: 4, fenced: false, offset: 99n };
      const events = [
        { ...event, districtId: 'zz-other', gg4lId: 'a' },
        { ...event, districtId: district, gg4lId: 'a' },
        { ...event, districtId: district, gg4lId: 'b' },
      ];
      expect(await store().shadowed(type, events, partition)).toEqual([district, 'zz-other']);
    });
  });
}
