/** API Gateway's throttle: a bucket of `burst` tokens that fills at `ratePerSecond`. */
export function createTokenBucket(ratePerSecond: number, burst: number): { take(): boolean } {
  let tokens = burst;
  let filledAt = performance.now();
  return {
    take() {
      const now = performance.now();
      tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * ratePerSecond);
      filledAt = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
