# json-jwt: `decode` verifies the signature; it looks at no claim.
require 'json/jwt'

$stdout.sync = true
keys = JSON::JWK::Set.new(JSON.parse(File.read(ENV.fetch('JWKS_FILE'))))
$stdin.each_line do |line|
  claims = JSON::JWT.decode(line.strip, keys, [ENV.fetch('ALGORITHM').to_sym])
  puts "taken #{claims['sub']}"
rescue StandardError => e
  puts "refused #{e.class} #{e.message.tr("\n", ' ')}"
end
