import { Matches } from 'class-validator';
import { ServiceConfig } from '#service';

export class PersisterConfig extends ServiceConfig {
  /** Server of the namespace's database, which is created through it if missing. */
  @Matches(/^postgres(ql)?:\/\/\S+$/, { message: 'DATABASE_URL must be set to postgres://…' })
  DATABASE_URL: string = '';
}
