/** Is loaded before each file of tests; what it loads, once in a process. */
import './kept-threads.ts';
