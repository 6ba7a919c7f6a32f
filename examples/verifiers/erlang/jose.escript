#!/usr/bin/env escript
%% Erlang's jose: `verify_strict` verifies the signature with one of these algorithms; it looks at no claim.

main(_) ->
    ok = jose:json_module(jiffy),
    {ok, _} = application:ensure_all_started(jose),
    {ok, File} = file:read_file(os:getenv("JWKS_FILE")),
    Kid = list_to_binary(os:getenv("KID")),
    #{<<"keys">> := Keys} = jiffy:decode(File, [return_maps]),
    [Key] = [jose_jwk:from_map(One) || #{<<"kid">> := Name} = One <- Keys, Name =:= Kid],
    each(Key, list_to_binary(os:getenv("ALGORITHM"))).

each(Key, Algorithm) ->
    case io:get_line("") of
        eof -> ok;
        Line ->
            io:format("~s~n", [verify(Key, Algorithm, list_to_binary(string:trim(Line)))]),
            each(Key, Algorithm)
    end.

verify(Key, Algorithm, Token) ->
    try jose_jwt:verify_strict(Key, [Algorithm], Token) of
        {true, Claims, _} ->
            {_, #{<<"sub">> := Subject}} = jose_jwt:to_map(Claims),
            ["taken ", Subject];
        {false, _, _} -> "refused bad signature";
        {error, Reason} -> ["refused ", io_lib:format("~0p", [Reason])]
    catch
        _:Reason -> ["refused ", io_lib:format("~0p", [Reason])]
    end.
