using NUnit.Framework;

// What may run side by side waits for timers of the kernel for nearly all of its time.
[assembly: LevelOfParallelism(8)]
