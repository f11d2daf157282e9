/** The sandbox alone: a School Passport to try things on. Options and answers are its own (docs/sandbox.md). */
import '../apps/sandbox/src/main.js';
