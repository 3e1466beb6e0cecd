// The part of `next/server` that handlers use to answer; the real package is 100 MB.
class NextResponse extends Response {}

exports.NextResponse = NextResponse;
exports.NextRequest = Request;
