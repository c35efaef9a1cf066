// Between two tries. A connection that comes back ends the wait.

const WAITS = [500, 1500, 4000, 8000]; // ms; the last one for every further try

export function pause(tries) {
  return new Promise((done) => {
    const timer = setTimeout(go, WAITS[Math.min(tries, WAITS.length - 1)]);
    function go() {
      clearTimeout(timer);
      window.removeEventListener("online", go);
      done();
    }
    window.addEventListener("online", go);
  });
}
