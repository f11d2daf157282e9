import { IsInt, Matches, Max, Min } from 'class-validator';
import { ServiceConfig } from '#service';

export class PersisterConfig extends ServiceConfig {
  /** Server of the namespace's database, which is created through it if missing. */
  @Matches(/^postgres(ql)?:\/\/\S+$/, { message: 'DATABASE_URL must be set to postgres://…' })
  DATABASE_URL: string = '';

  /** A partition stops when of its last 1,000 messages more, and more than 20, became dead letters. */
  @IsInt()
  @Min(0)
  @Max(100)
  PERSISTER_DEAD_LETTERS_PERCENT: number = 5;
}
