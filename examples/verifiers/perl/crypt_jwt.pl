# Crypt::JWT: a key set, algorithms, audience and issuer.
use strict;
use warnings;
use Crypt::JWT qw(decode_jwt);

$| = 1;
open my $file, '<', $ENV{JWKS_FILE} or die $!;
my $keys = do { local $/; <$file> };
while (my $token = <STDIN>) {
    chomp $token;
    my $claims = eval {
        decode_jwt(
            token => $token, kid_keys => $keys, accepted_alg => $ENV{ALGORITHM},
            verify_iss => sub { $_[0] eq $ENV{ISSUER} },
            verify_aud => sub { $_[0] eq $ENV{AUDIENCE} },
            verify_exp => 1, verify_iat => 1,
        );
    };
    my $error = $@;
    $error =~ s/\n/ /g;
    print $claims ? "taken $claims->{sub}\n" : "refused $error\n";
}
