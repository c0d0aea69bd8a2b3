print(("%q"):format('say "hi"\\')) --> "say \"hi\"\\"
print((("%q"):format("a\nb\r\t\0" .. "1\0z\127"):gsub("\n", "<nl>"))) --> "a\<nl>b\13\9\0001\0z\127"
print(("%q %q %q %q"):format(1, 1.5, true, nil)) --> 1 0x1.8p+0 true nil
print(("%q %q %q"):format(math.mininteger, 1/0, -1/0), ("%q"):format(0.1)) --> 0x8000000000000000 1e9999 -1e9999	0x1.999999999999ap-4
print(("%q"):format(2^63), ("%q"):format(-0.0)) --> 0x1p+63	-0x0p+0
