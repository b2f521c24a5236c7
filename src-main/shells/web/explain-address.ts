import type { Origin } from './doors.ts';

/** For somebody who came by a forwarded port: why this address does not work, and which does. */
export const explainAddress = ({ port, origin }: Origin): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Butterfly</title>
<h1>Butterfly answers at ${origin}/ only</h1>
<p>You came by another port. If you forward it from another machine, use the same number on both sides:</p>
<pre>ssh -L ${port}:127.0.0.1:${port} THAT-MACHINE</pre>
<p>Then open the address that Butterfly shows on its terminal there, or copy the one that stands in the file
open-butterfly.html of its data folder.</p>
</html>
`;
