import { z } from "zod";

/** The currencies of ISO 4217 that money is paid in: no funds, metals or test codes. */
const currencies = new Set(
  (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY " +
    "COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR " +
    "ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK " +
    "MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF " +
    "SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU " +
    "UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
  ).split(" "),
);

/** The highest price, in minor units: with the limits of an order, every total stays an exact integer. */
const highestAmount = 100_000_000_000;

/** A price: an integer in minor units (cents, yen) of an ISO 4217 currency. */
export const money = z.object({
  amount: z.int().min(0).max(highestAmount),
  currency: z.string().refine((code) => currencies.has(code), "Not a currency code of ISO 4217, such as EUR."),
});

/** An amount in minor units of an ISO 4217 currency. */
export type Money = z.infer<typeof money>;
