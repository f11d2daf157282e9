/** The index holds fewer or more marks of a snapshot than were made: what it calls unseen may be shared. */
export class LostMarksError extends Error {
  constructor() {
    super('the index has lost marks of the snapshot');
    this.name = 'LostMarksError';
  }
}
